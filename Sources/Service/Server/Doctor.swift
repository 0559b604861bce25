// Is this installation as it should be?

import Bundles
import Bytes
import Cryptography
import Glibc
import HTTP
import Ledger
import Receipts
package import Runtime
import StrictPolicy

/// One thing that was looked at.
package struct DoctorFinding: Hashable, Sendable {
    /// How it stands.
    package enum Level: String, CaseIterable, Sendable {
        /// As it should be.
        case good = "ok"
        /// Works, but somebody should know.
        case warning
        /// The gate cannot run like this, or must not.
        case failure = "failed"
    }

    /// What was looked at, in a word or two.
    package let subject: String
    /// How it stands.
    package let level: Level
    /// What was found.
    package let detail: String

    /// Makes a finding.
    package init(_ subject: String, _ level: Level, _ detail: String) {
        self.subject = subject
        self.level = level
        self.detail = detail
    }
}

/// Looks at a home without changing anything.
package struct Doctor: Sendable {
    private let home: Home
    private let time: any TimeSource

    /// Free bytes below which a warning is due.
    static let freeBytesLow: Int64 = 2 << 30
    /// The most halts that are named.
    static let haltsShownMax = 16
    /// A clock before this is wrong: 2026-01-01T00:00:00Z.
    static let clockFloor: Int64 = 1_767_225_600_000

    /// Looks at a home.
    package init(_ home: Home, time: any TimeSource = SystemTime()) {
        self.home = home
        self.time = time
    }

    /// Everything that was found, in a fixed order.
    package func examine() -> [DoctorFinding] {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration(home: home)
        } catch {
            return [DoctorFinding("configuration", .failure, error.description)]
        }
        var findings = [DoctorFinding("configuration", .good, home.configurationPath)]
        findings += keys(configuration)
        findings += [
            modes("home", home.path), modes("writ.json", home.configurationPath),
            modes("policies", configuration.policiesDirectory),
        ]
        findings.append(user())
        findings.append(policies(configuration))
        findings.append(DoctorFinding("signatures", .warning, "the policies are unsigned: a development source"))
        findings += log(configuration)
        findings.append(disk(configuration))
        findings.append(socket(configuration))
        return findings
    }

    private func keys(_ configuration: Configuration) -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        do throws(KeyFileError) {
            let key = try KeyFiles.logKey(at: configuration.logKeyPath, origin: configuration.origin)
            findings.append(DoctorFinding("log key", .good, "\(key.verifierKey.text)"))
        } catch {
            findings.append(DoctorFinding("log key", .failure, error.description))
        }
        do throws(KeyFileError) {
            _ = try KeyFiles.claimKeys(at: configuration.claimsKeyPath)
            findings.append(DoctorFinding("claims key", .good, configuration.claimsKeyPath))
        } catch {
            findings.append(DoctorFinding("claims key", .failure, error.description))
        }
        return findings
    }

    /// Who else could change what is there.
    private func modes(_ subject: String, _ path: String) -> DoctorFinding {
        do throws(SystemError) {
            let status = try Files.status(of: path)
            guard status.permissions & 0o022 == 0 else {
                return DoctorFinding(subject, .failure, "others can write to `\(path)`: they could change what rules")
            }
            guard status.uid == geteuid() || status.uid == 0 else {
                return DoctorFinding(subject, .failure, "`\(path)` belongs to user \(status.uid)")
            }
            return DoctorFinding(subject, .good, path)
        } catch {
            return DoctorFinding(subject, .failure, "\(error)")
        }
    }

    private func user() -> DoctorFinding {
        guard geteuid() != 0 else {
            return DoctorFinding(
                "user",
                .warning,
                "you are root; give the gate a user of its own, whom no agent can become"
            )
        }
        return DoctorFinding("user", .good, "user \(geteuid())")
    }

    private func policies(_ configuration: Configuration) -> DoctorFinding {
        do throws(PolicyProblems) {
            let bundle = try DirectoryBundle.load(configuration.policiesDirectory).bundle
            return DoctorFinding(
                "bundle",
                .good,
                "\(bundle.policies.count) policies, sha256:\(bundle.identity.digest.hex)"
            )
        } catch {
            let first = error.problems.first.map { "\($0.file): \($0.message)" } ?? ""
            let count = error.problems.count
            return DoctorFinding(
                "bundle",
                .failure,
                count == 1 ? "1 problem: \(first)" : "\(count) problems, the first: \(first)"
            )
        }
    }

    /// The log can be read to its end, and the clock is not before its last statement.
    private func log(_ configuration: Configuration) -> [DoctorFinding] {
        let now = time.wallMilliseconds()
        do {
            let reader = LogReader(directory: configuration.logDirectory, origin: configuration.origin)
            var entries = try reader.entries()
            var count: UInt64 = 0
            var latest = Self.clockFloor
            var halts = HaltsOfLog()
            while let entry = try entries.next() {
                let statement = try Statement(parsing: entry.statement)
                latest = statement.header.time
                halts.take(statement)
                count += 1
            }
            let text = StatementTime.text(max(0, now))
            let clock =
                now < latest
                ? DoctorFinding(
                    "clock",
                    .failure,
                    "\(text) is before the log's last statement: the gate would trust it not"
                )
                : DoctorFinding("clock", .good, "\(text)")
            return [DoctorFinding("log", .good, "\(count) statements"), clock, halts.finding]
        } catch {
            return [DoctorFinding("log", .failure, "\(error)")]
        }
    }

    /// The halts that the log leaves in force, whether a gate runs or not.
    private struct HaltsOfLog {
        private var scopes: Set<HaltedScope> = []

        mutating func take(_ statement: Statement) {
            switch statement {
            case .halt(let halt): scopes.insert(halt.scope)
            case .resume(let resume): scopes.remove(resume.scope)
            case .decision, .redemption, .effect, .identity, .bundle, .gate: break
            }
        }

        var finding: DoctorFinding {
            guard !scopes.isEmpty else { return DoctorFinding("halts", .good, "none in force") }
            let names = scopes.map(\.words).sorted { Text($0) < Text($1) }
            let shown = names.prefix(Doctor.haltsShownMax).joined(separator: ", ")
            let more = names.count - Doctor.haltsShownMax
            return DoctorFinding("halts", .warning, "in force: \(shown)\(more > 0 ? " and \(more) more" : "")")
        }
    }

    private func disk(_ configuration: Configuration) -> DoctorFinding {
        do throws(SystemError) {
            let free = try FileDescriptor(opening: configuration.logDirectory, .directory).freeBytes()
            let detail = "\(free >> 20) MiB free"
            guard free >= LogLimits.freeBytesMin else {
                return DoctorFinding("disk", .failure, "\(detail): the log stops below \(LogLimits.freeBytesMin >> 20)")
            }
            return DoctorFinding("disk", free < Self.freeBytesLow ? .warning : .good, detail)
        } catch {
            return DoctorFinding("disk", .failure, "\(error)")
        }
    }

    private func socket(_ configuration: Configuration) -> DoctorFinding {
        let client = HTTPClient(endpoint: .unix(path: configuration.socketPath), responseBytesMax: 1 << 16)
        let deadline = time.monotonicNanoseconds() + 2_000_000_000
        do throws(HTTPClientError) {
            let options = RequestOptions(method: .get, target: "/healthz", host: "localhost")
            let response = try client.perform(options, deadlineMonotonicNanoseconds: deadline)
            guard response.status == .ok else {
                return DoctorFinding("gate", .failure, "`\(configuration.socketPath)` answers \(response.status.code)")
            }
            return DoctorFinding("gate", .good, "it answers on \(configuration.socketPath)")
        } catch {
            return DoctorFinding("gate", .warning, "it does not run: \(error)")
        }
    }
}
