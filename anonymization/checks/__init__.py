"""The checks of an audit, one file each. They read released files only, and share no code with what wrote them."""
