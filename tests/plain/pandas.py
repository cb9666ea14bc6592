"""Stands before pandas on the path of the program under test, which is run as a plain installation has it.

pandas comes with what the tests need. sqlite-utils imports it where it can, for a type of column that nothing here
has, which costs every run that writes 0.4 s of CPU: more than all else that it imports.
"""

raise ImportError("no pandas in a plain installation")
