"""The doors that speak HTTP: feeds, CalDAV, iTIP, and the one table from what went wrong to how it is answered."""
