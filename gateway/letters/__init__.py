"""What people read: the words of mails and of the page to answer on, one file for each language."""
