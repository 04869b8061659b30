"""The search engine of a cluster: Elasticsearch 9, told what to match in the same folded words as the embedded one."""

from services.chassis.search.elastic.client import connect_elasticsearch as connect_elasticsearch
from services.chassis.search.elastic.index import ElasticIndex as ElasticIndex
