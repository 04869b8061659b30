"""Where requests come in: an Ingress or a Gateway with its HTTPRoute, and the certificate they show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    HTTPIngressPathArgs,
    HTTPIngressRuleValueArgs,
    Ingress,
    IngressBackendArgs,
    IngressRuleArgs,
    IngressServiceBackendArgs,
    IngressSpecArgs,
    IngressTLSArgs,
    ServiceBackendPortArgs,
)

from infra.confidential import Confidential
from infra.configuration import Content, secret
from infra.labels import Labels

Kind = Literal["ingress", "gateway"]
GATEWAY_API = "gateway.networking.k8s.io/v1"
READY_WITHIN_S = 300


@dataclass(frozen=True, kw_only=True)
class IssuedCertificate:
    """By cert-manager, renewed by it."""

    issuer: str
    issuer_kind: Literal["ClusterIssuer", "Issuer"] = "ClusterIssuer"


@dataclass(frozen=True, kw_only=True)
class GivenCertificate:
    """PEM; whoever gives it renews it."""

    certificate: Confidential
    key: Confidential


Tls = IssuedCertificate | GivenCertificate


@dataclass(frozen=True, kw_only=True)
class EdgeArgs:
    """`host` leads to `service`:`port`, and no other host or Service is reachable."""

    namespace: pulumi.Input[str]
    labels: Labels
    kind: Kind
    class_name: str
    """The IngressClass or GatewayClass."""
    host: str
    service: str
    port: int
    tls: Tls | None
    """None only where nobody but this machine can reach the host."""
    annotations: Mapping[str, str]
    """For the controller: body sizes, timeouts."""


class Edge(pulumi.ComponentResource):
    """`url` is what a browser opens."""

    url: pulumi.Output[str]

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:edge:Edge", name, None, opts)
        self._name, self._args = name, args
        self._certificate = self._certify()
        if args.kind == "ingress":
            self._declare_ingress()
        else:
            self._declare_gateway()
        self.url = pulumi.Output.concat("https://" if args.tls else "http://", args.host)
        self.register_outputs({"url": self.url})

    def _certify(self) -> pulumi.Input[str]:
        """The name of the Secret that holds the certificate."""
        name, tls = f"{self._name}-tls", self._args.tls
        if isinstance(tls, GivenCertificate):
            entries = {"tls.crt": tls.certificate, "tls.key": tls.key}
            args = self._args
            content = Content(namespace=args.namespace, labels=args.labels, entries=entries, type="kubernetes.io/tls")
            return secret(name, content, pulumi.ResourceOptions(parent=self))
        if isinstance(tls, IssuedCertificate):
            CustomResource(
                name,
                api_version="cert-manager.io/v1",
                kind="Certificate",
                metadata=self._metadata(name),
                spec={
                    "secretName": name,
                    "dnsNames": [self._args.host],
                    "issuerRef": {"name": tls.issuer, "kind": tls.issuer_kind, "group": "cert-manager.io"},
                    "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
                },
                opts=pulumi.ResourceOptions(parent=self),
            )
        return name

    def _declare_ingress(self) -> None:
        args = self._args
        backend = IngressServiceBackendArgs(name=args.service, port=ServiceBackendPortArgs(number=args.port))
        path = HTTPIngressPathArgs(path="/", path_type="Prefix", backend=IngressBackendArgs(service=backend))
        certified = [IngressTLSArgs(hosts=[args.host], secret_name=self._certificate)]
        Ingress(
            self._name,
            metadata=self._metadata(self._name),
            spec=IngressSpecArgs(
                ingress_class_name=args.class_name,
                rules=[IngressRuleArgs(host=args.host, http=HTTPIngressRuleValueArgs(paths=[path]))],
                tls=certified if args.tls else None,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _declare_gateway(self) -> None:
        args = self._args
        gateway = CustomResource(
            self._name,
            api_version=GATEWAY_API,
            kind="Gateway",
            metadata=self._metadata(self._name),
            spec={"gatewayClassName": args.class_name, "listeners": [self._listener()]},
            opts=pulumi.ResourceOptions(parent=self),
        )
        backend = {"name": args.service, "port": args.port}
        CustomResource(
            f"{self._name}-route",
            api_version=GATEWAY_API,
            kind="HTTPRoute",
            metadata=self._metadata(self._name),
            spec={
                "parentRefs": [{"name": self._name}],
                "hostnames": [args.host],
                "rules": [
                    {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": [backend]},
                ],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway]),
        )

    def _listener(self) -> Mapping[str, object]:
        shared = {"hostname": self._args.host, "allowedRoutes": {"namespaces": {"from": "Same"}}}
        if self._args.tls is None:
            return {"name": "http", "protocol": "HTTP", "port": 80, **shared}
        certified = {"mode": "Terminate", "certificateRefs": [{"name": self._certificate}]}
        return {"name": "https", "protocol": "HTTPS", "port": 443, "tls": certified, **shared}

    def _metadata(self, name: str) -> ObjectMetaArgs:
        args = self._args
        annotations = {"pulumi.com/timeoutSeconds": str(READY_WITHIN_S), **args.annotations}
        return ObjectMetaArgs(name=name, namespace=args.namespace, labels=args.labels.full(), annotations=annotations)
