module lab/pulumi-exec

go 1.26.8
