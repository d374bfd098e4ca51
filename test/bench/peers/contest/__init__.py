"""What run.py is made of.

packages  the peers, out of Debian's packages and into a folder of their own
programs  the small programs beside this, compiled against them
world     free ports, paths, and processes that end with the run
peers     who takes part, and how each is started and asked
rounds    who is measured when, and what is said of it
results   the table and the JSON
plots     the pictures
goals     what ours shall cost beside something bare
check     the goals as tests
"""
