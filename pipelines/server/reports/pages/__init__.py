"""The pages of who mends faults and of who reports them: made by the server, without a script."""
