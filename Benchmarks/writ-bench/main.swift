// Measures this machine.

import Glibc

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
