// SIGHUP: other policies, without a decision that sees half of them.

import Bundles
import Bytes
import DecisionPoint
import Runtime
import StrictPolicy

extension GateServer {
    /// Reads the policy directory again, on a thread of its own; what does not load changes nothing.
    func reload() {
        guard !isStopping else { return }
        switch reloading {
        case .idle: break
        case .running, .runningAgain:
            reloading = .runningAgain
            return
        }
        reloading = .running
        say("reading the policies again")
        let loop = loop
        let directory = configuration.policiesDirectory
        do {
            _ = try Thread.start(name: "writ-reload", stackBytes: Self.reloadStackBytes) { [unowned self] in
                let result = Result { () throws(PolicyProblems) in try DirectoryBundle.load(directory).bundle }
                _ = loop.post { [unowned self] in loaded(result) }
            }
        } catch {
            say("\(error)")
            reloading = .idle
        }
    }

    /// Room for the deepest policies that the limits allow.
    private static let reloadStackBytes = 8 << 20

    private func loaded(_ result: Result<PolicyBundle, PolicyProblems>) {
        switch result {
        case .failure(let problems):
            metrics.observe(reload: false)
            say("the policies do not load; those of sha256:\(bundle.identity.digest.hex) stay in force:")
            say(problems.description)
            finishReload()
        case .success(let fresh) where fresh.identity.digest == bundle.identity.digest:
            metrics.observe(reload: true)
            say("the policies have not changed")
            finishReload()
        case .success(let fresh):
            let loop = loop
            pipeline.replace(fresh) { [unowned self] reply in
                _ = loop.post { [unowned self] in replaced(fresh, isRecorded: reply.isRecorded) }
            }
        }
    }

    private func replaced(_ fresh: PolicyBundle, isRecorded: Bool) {
        metrics.observe(reload: isRecorded)
        if isRecorded {
            bundle = fresh
            sayBundle("new policies in force")
        } else {
            say("the log does not take the new policies' statement; the old ones stay in force")
        }
        finishReload()
    }

    private func finishReload() {
        let isWanted = reloading == .runningAgain
        reloading = .idle
        if isWanted { reload() }
    }
}
