"""The checks of an audit, one file each: they read released files only, and trust nothing that wrote them."""
