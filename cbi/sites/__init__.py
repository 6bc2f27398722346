"""Places: sites, their joint check, fixes, services and distribution days."""
