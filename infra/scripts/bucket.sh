# Sourced: objects in $S3_URL/$S3_BUCKET, by curl. The keys are files: $S3_KEYS/access_key and $S3_KEYS/secret_key.

signed() {
    # The keys go in by standard input, since arguments can be seen by others.
    printf 'user = "%s:%s"\n' "$(cat "$S3_KEYS/access_key")" "$(cat "$S3_KEYS/secret_key")" |
        curl --config - --fail --silent --show-error --retry 3 --aws-sigv4 "aws:amz:$S3_REGION:s3" "$@"
}

put() { # file, object
    signed --upload-file "$1" "$S3_URL/$S3_BUCKET/$2"
}

fetch() { # object, file
    signed --output "$2" "$S3_URL/$S3_BUCKET/$1"
}

remove() { # object
    signed --request DELETE --output /dev/null "$S3_URL/$S3_BUCKET/$1"
}

list() { # folder; prints the names of the objects in it, oldest first
    signed "$S3_URL/$S3_BUCKET?list-type=2&prefix=$1%2F" | tr '<' '\n' | sed -n 's/^Key>//p' | sort
}
