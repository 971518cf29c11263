"""Mail as it comes and goes: the doors by which messages are brought, and where they are filed."""
