"""One module for each service, which declares it as SERVICE."""
