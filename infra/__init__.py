"""Components of the platform: typed arguments in, outputs out. They read no configuration and know no service."""
