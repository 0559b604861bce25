/// What a child process is to be; nothing that is not said here reaches it.
package struct ChildCommand: Sendable {
    /// The program to run.
    package enum Program: Hashable, Sendable {
        /// A file by its path, which is looked up after the change of directory and never searched for.
        case path(String)
        /// A file that is open already, so that what was checked is what runs; the descriptor stays the caller's.
        ///
        /// The child can read it as its descriptor 3, because the interpreter of a script has to.
        case descriptor(Int32)
    }

    /// Where one of the child's three standard streams leads.
    package enum Stream: Hashable, Sendable {
        /// To where ours leads.
        case inherited
        /// To `/dev/null`.
        case none
        /// To a pipe, whose other end is ours.
        case pipe
    }

    /// The program.
    package var program: Program
    /// The arguments, the name of the program first.
    package var arguments: [String]
    /// The whole environment, each entry as `NAME=value`.
    package var environment: [String] = []
    /// The working directory; nil for ours.
    package var directory: String?
    /// Standard input.
    package var input = Stream.none
    /// Standard output.
    package var output = Stream.inherited
    /// Standard error.
    package var error = Stream.inherited
    /// Whether the child leads a process group of its own, to which signals then go.
    package var leadsGroup = true

    /// Makes a command with an empty environment, no input, and output and errors going to ours.
    package init(_ program: Program, arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }
}

/// How a process ended.
package enum ChildExit: Hashable, Sendable {
    /// By itself, with this code.
    case exited(code: Int32)
    /// By this signal.
    case signalled(number: Int32)
}
