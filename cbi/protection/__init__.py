"""The room: opens letters, works cases, proposes arrangements. It sees everything below and is seen by nothing."""
