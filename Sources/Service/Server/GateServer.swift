// The running gate: log, state, pipeline, API, and the loop that they live on.

import Authority
import Authorization
import Bundles
import Bytes
import Cryptography
import DecisionPoint
import Glibc
import HTTP
import Ledger
import Receipts
import Runtime
import State
import StrictPolicy

/// Serves one home until a signal ends it.
///
/// Used by one thread, which becomes the loop's thread in ``run()``.
package final class GateServer: @unchecked Sendable {
    let configuration: Configuration
    let say: @Sendable (String) -> Void
    let loop: EventLoop
    let metrics = GateMetrics()
    let assembly: Assembly
    let handler: GateHandler
    private let lock: HomeLock
    var server: HTTPServer?
    var bundle: PolicyBundle
    var reloading = ReloadState.idle
    var isStopping = false
    var hasSaidStop = false
    var endedClean = false
    var hasFailed = false

    var pipeline: Pipeline { assembly.pipeline }

    /// What is being done about SIGHUP.
    enum ReloadState {
        case idle
        case running
        /// Another signal came meanwhile: what is being read may be old already.
        case runningAgain
    }

    /// How often the clock is looked at for callers whose time is over, in milliseconds.
    static let tickMilliseconds: UInt64 = 10
    /// How long clients may take to get their last answers at the end, in milliseconds.
    static let drainMilliseconds: UInt64 = 5_000

    /// Reads keys, policies, log and state, and puts the gate together; nothing is served yet.
    ///
    /// - Throws: Whatever keeps the gate from starting, as an error that says so in words. Nothing that is missing is
    ///   made up.
    package init(_ configuration: Configuration, say: @escaping @Sendable (String) -> Void) throws {
        self.configuration = configuration
        self.say = say
        try configuration.checkAccess()
        try ProcessHardening.forbidCoreDumps()
        try ProcessHardening.raiseFileLimit()
        ProcessHardening.ignoreBrokenPipes()
        ProcessHardening.returnLargeBlocks()
        Self.listenToSignals()
        let signer = try KeyFiles.logKey(at: configuration.logKeyPath, origin: configuration.origin)
        let claimKeys = try KeyFiles.claimKeys(at: configuration.claimsKeyPath)
        bundle = try DirectoryBundle.load(configuration.policiesDirectory).bundle
        lock = try HomeLock(configuration.home)
        loop = try EventLoop()
        var options = AssemblyOptions(
            log: LogConfiguration(directory: configuration.logDirectory, signer: signer),
            statePath: configuration.home.viewPath,
            claimKeys: claimKeys,
            bundle: bundle,
            configuration: configuration.digest,
            ownUserID: geteuid()
        )
        options.limits.pendingMax = configuration.pendingMax
        options.limits.commitMilliseconds = configuration.commitMilliseconds
        options.observer = metrics
        let loop = loop
        let wake = BatchWake(loop, metrics)
        assembly = try Assembly(options, executor: { job in _ = loop.post(job) }, released: { wake.released() })
        handler = GateHandler(
            GateHandlerParts(
                pipeline: assembly.pipeline,
                log: assembly.log,
                metrics: metrics,
                operators: configuration.operators,
                key: signer.verifierKey.text,
                isLogPublic: configuration.isLogPublic
            )
        )
        wake.begin(handler, assembly.log)
    }

    /// Serves until a signal ends it; answers whether all went well and the end was recorded in the log.
    package func run() throws -> Bool {
        var limits = HTTPServerLimits()
        limits.connectionsMax = configuration.connectionsMax
        limits.bodyBytesMax = RequestLimits.bytesMax
        server = try HTTPServer(on: loop, limits: limits, handler: handler)
        try loop.schedule(
            afterMilliseconds: Self.tickMilliseconds,
            everyMilliseconds: Self.tickMilliseconds
        ) { [unowned self] in tick() }
        try loop.onSignal(SIGTERM) { [unowned self] in stop("SIGTERM") }
        try loop.onSignal(SIGINT) { [unowned self] in stop("SIGINT") }
        try loop.onSignal(SIGHUP) { [unowned self] in reload() }
        describe()
        let loop = loop
        assembly.open { [unowned self] reply in
            _ = loop.post { [unowned self] in opened(reply) }
        }
        loop.run()
        assembly.end()
        return endedClean && !hasFailed
    }

    /// Lets signals through that whoever started us may have blocked: a gate that cannot be told to stop has to be
    /// killed.
    private static func listenToSignals() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&signals, number) }
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    // MARK: Beginning

    private func describe() {
        let log = assembly.log
        say("origin \(configuration.origin), key \(log.verifierKey.text)")
        let ending = log.opening.endedClean ? "" : "; the run before ended unclean"
        say("log \(configuration.logDirectory), \(log.opening.size) statements\(ending)")
        if log.opening.wasCut { say("an incomplete frame at the end of the log was cut off") }
        if case .rebuilt(let reason) = assembly.viewCondition { say("the view was rebuilt from the log: \(reason)") }
        if assembly.caughtUp > 0 { say("the view was told \(assembly.caughtUp) statements of the log") }
        sayBundle("policies")
    }

    func sayBundle(_ word: String) {
        let identity = bundle.identity
        say(
            "\(word): `\(identity.name)` from \(configuration.policiesDirectory), "
                + "\(bundle.policies.count) policies over \(bundle.surfaces.count) surfaces, "
                + "sha256:\(identity.digest.hex); unsigned: a development source"
        )
    }

    private func opened(_ reply: GateReply) {
        switch reply {
        case .recorded:
            guard !isStopping else { return }
            do {
                try listen()
                say("ready")
            } catch {
                hasFailed = true
                say("\(error)")
                stop("it cannot listen")
            }
        case .unavailable(let cause):
            say("the log does not take the first statement: \(cause.rawValue)")
            loop.stop()
        }
    }

    private func listen() throws {
        guard let server else { return }
        try server.listenUnix(path: configuration.socketPath, permissions: configuration.socketMode)
        say("listening on \(configuration.socketPath)")
        if let address = configuration.address {
            let port = try server.listenTCP(address: address.host, port: address.port)
            say("listening on \(LoopbackAddress(address, port: port))")
        }
    }

    // MARK: Running

    private func tick() {
        pipeline.tick()
        handler.flush()
        guard !hasSaidStop, case .stopped(let reason, let number) = assembly.log.state, reason != .closed else {
            return
        }
        hasSaidStop = true
        let detail = number == 0 ? "" : " (\(SystemError("", number: number).words))"
        say(
            "the log has stopped for good: \(reason)\(detail); "
                + "every decision is SILENCE until a person restarts the gate"
        )
    }

    // MARK: Ending

    /// Ends the gate in good order, from any thread; ``run()`` returns when it is done.
    package func end(_ reason: String) {
        _ = loop.post { [unowned self] in stop(reason) }
    }

    /// Ends in good order: no new connections, every request in flight is answered, the log says that the gate stopped.
    func stop(_ reason: String) {
        guard !isStopping else { return }
        isStopping = true
        say("stopping: \(reason)")
        guard let server else { return loop.stop() }
        do {
            try server.shutDown(deadlineMilliseconds: Self.drainMilliseconds) { [unowned self] in closePipeline() }
        } catch {
            say("\(error)")
            closePipeline()
        }
    }

    private func closePipeline() {
        let loop = loop
        assembly.close { [unowned self] reply in
            let isRecorded = reply.isRecorded
            _ = loop.post { [unowned self] in
                endedClean = isRecorded
                say(isRecorded ? "stopped" : "stopped; the log did not take the last statement")
                loop.stop()
            }
        }
    }
}

/// Wakes the loop once for the answers of a batch, and counts its statements.
private final class BatchWake: Sendable {
    private struct Target {
        let handler: GateHandler
        let log: Log
        var size: UInt64
    }

    private let loop: EventLoop
    private let metrics: GateMetrics
    private let target = Guarded<Target?>(nil)

    init(_ loop: EventLoop, _ metrics: GateMetrics) {
        self.loop = loop
        self.metrics = metrics
    }

    /// Says whom to wake; before that no statement can have been handed over.
    func begin(_ handler: GateHandler, _ log: Log) {
        target.withLock { $0 = Target(handler: handler, log: log, size: log.size) }
    }

    /// A batch is durable and its answers were given; on the log's thread.
    func released() {
        let handler = target.withLock { target -> GateHandler? in
            guard let (log, before) = target.map({ ($0.log, $0.size) }) else { return nil }
            let size = log.size
            metrics.observe(batch: Int(clamping: size - before))
            target?.size = size
            return target?.handler
        }
        guard let handler else { return }
        _ = loop.post { handler.flush() }
    }
}
