module lab/definitions

go 1.26
