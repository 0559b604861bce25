// `writ exec`: what runs is in the request, and runs on a dispatch alone.

import Authorization
import Bytes
import CSystem
import Glibc
package import Runtime

/// Runs one command behind the gate.
///
/// INVARIANT (exec): program, digest, arguments, directory and the names of the variables are in the context that is
/// judged, and exactly they are started.
package struct ExecGateway: Sendable {
    private let enforcer: Enforcer
    private let time: any TimeSource
    private let say: @Sendable (_ line: String) -> Void

    /// Makes a gateway.
    ///
    /// - Parameters:
    ///   - enforcer: Asks and reports.
    ///   - time: Measures how long the command takes.
    ///   - say: Tells a person one line.
    package init(
        enforcer: Enforcer,
        time: any TimeSource = SystemTime(),
        say: @escaping @Sendable (_ line: String) -> Void = Console.say
    ) {
        self.enforcer = enforcer
        self.time = time
        self.say = say
    }

    /// Asks, runs, reports; answers the exit code of `writ exec`.
    ///
    /// The command's own exit code passes through, 128 + the signal for one that a signal ended. Everything else is a
    /// code of ``GatewayExit``, and then the command was not started.
    package func run(_ options: ExecOptions) -> Int32 {
        do {
            return try decideAndRun(options)
        } catch {
            say("writ: \(error)")
        }
        return GatewayExit.usage
    }

    private func decideAndRun(_ options: ExecOptions) throws -> Int32 {
        guard let name = options.command.first else { throw UsageError("there is no command") }
        let environment = try Variables.granted(options.environment)
        let program = try ProgramFile(finding: name, searchPath: Variables.value("PATH") ?? Variables.searchPathDefault)
        let directory = try Variables.directory()
        let context = try Self.context(options, program, directory, environment)
        let intent = Intent(
            actor: options.actor,
            surface: options.surface,
            action: options.action,
            target: options.target,
            context: context,
            key: options.key
        )
        var code = GatewayExit.silence
        let performed = enforcer.perform(intent) { dispatch in
            say("writ: PERMIT \(dispatch.id)")
            return start(program, options.command, environment, &code)
        }
        return finish(performed, code)
    }

    /// Starts the program and waits for it; sets the exit code of the gateway.
    private func start(
        _ program: borrowing ProgramFile,
        _ command: [String],
        _ environment: [Variable],
        _ code: inout Int32
    ) -> Effect? {
        guard program.isUnchanged() else {
            say("writ: `\(program.path)` changed after it was judged; it was not started")
            return Effect(.notStarted)
        }
        let begun = time.monotonicNanoseconds()
        do {
            let child = try ForegroundChild(
                program: program,
                arguments: [program.path.string] + command.dropFirst(),
                environment: environment.map { "\($0.name)=\($0.value)" }
            )
            code = try child.wait()
        } catch let error as StartError {
            say("writ: `\(program.path)` was not started: \(error.cause)")
            return Effect(.notStarted)
        } catch {
            // It runs or ran, and how it ended cannot be known: no effect is made up.
            say("writ: the command was lost sight of: \(error)")
            return nil
        }
        let milliseconds = (time.monotonicNanoseconds() &- begun) / 1_000_000
        return Effect(.executed, durationMilliseconds: Int(clamping: milliseconds), status: Int(code))
    }

    private func finish(_ performed: Performed, _ code: Int32) -> Int32 {
        switch performed {
        case .ran(let id, let report):
            if let report { say(report, id) }
            return code
        case .late(let id, let report):
            say("writ: SILENCE: the time to act was over; the command was not started")
            say(report, id)
            return GatewayExit.silence
        case .refused(let refusal):
            for line in RefusalWords.lines(refusal) { say("writ: \(line)") }
            return GatewayExit.code(of: refusal)
        case .doubt(let failure):
            say("writ: SILENCE: \(failure)")
            return GatewayExit.silence
        }
    }

    private func say(_ report: ReportAnswer, _ id: Text) {
        switch report {
        case .recorded: return
        case .contradicted: say("writ: another effect of \(id) stands already; this one was logged as a contradiction")
        case .refused(let why): say("writ: the effect of \(id) was not recorded: \(why)")
        case .unknown(let failure): say("writ: the effect of \(id) was not recorded: \(failure)")
        }
    }

    // MARK: - Context

    /// The context: what the caller says, and what the gateway itself says of the command.
    static func context(
        _ options: ExecOptions,
        _ program: borrowing ProgramFile,
        _ directory: Text,
        _ environment: [Variable]
    ) throws(UsageError) -> [UInt8] {
        guard options.context.count <= EnforcementLimits.contextMembersMax else {
            throw UsageError("more than \(EnforcementLimits.contextMembersMax) context members")
        }
        guard Set(options.context.map(\.name)).count == options.context.count else {
            throw UsageError("a context member is given twice")
        }
        var writer = JSONWriter()
        writer.beginObject()
        for member in options.context {
            writer.name(member.name)
            writer.raw(member.json)
        }
        writer.member("program", program.path)
        writer.member("program_digest", sha256: program.digest)
        writer.name("arguments")
        writer.beginArray()
        for argument in options.command.dropFirst() { writer.string(Text(argument)) }
        writer.endArray()
        writer.member("directory", directory)
        writer.name("environment")
        writer.beginArray()
        for variable in environment { writer.string(Text(variable.name)) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
