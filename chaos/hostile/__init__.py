"""`make hostile`: everything that strangers can send, by seed, against a running stack in which honest URLs
go through."""
