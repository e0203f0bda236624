"""The parts of Tools/measure.

plan       how much is measured, and where
servers    the servers, and how they are reached
programs   other programs, built and run to their end
bench      the generator
aside      what is done beside that
reports    what its reports tell
judging    what is taken for a measurement
figures    what is measured, by subject
saved      the file of what was measured
table      README.md's table, made of that file
command    the command itself
"""
