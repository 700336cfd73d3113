"""Things that lie about around products."""
