"""What people do with invitations, one verb per file; each is one transaction of the CRM's rows, then a publication."""
