// Measures the Cedar library.

import Glibc

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
