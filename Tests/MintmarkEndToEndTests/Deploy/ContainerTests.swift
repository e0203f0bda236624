import Foundation
import Testing

/// The Dockerfile and the Kubernetes manifest, as far as they can be judged without an engine and a cluster.
@Suite("Containers") struct ContainerTests {
    static let folder = BuiltProducts.repository.appendingPathComponent("Tools/deploy")
    private static let hasYAML =
        (try? run(URL(fileURLWithPath: "/usr/bin/python3"), ["-c", "import yaml"]).exitCode) == 0
    private static let knowsAdmin =
        (try? String(
            contentsOf: BuiltProducts.repository.appendingPathComponent("Sources/SETTINGS.md"),
            encoding: .utf8
        ))?
        .contains("`admin.listen`") == true

    /// A part of a document of YAML or JSON.
    private struct Node {
        let value: Any?

        subscript(_ name: String) -> Node { Node(value: (value as? [String: Any])?[name]) }
        subscript(_ index: Int) -> Node {
            let list = list
            return index < list.count ? list[index] : Node(value: nil)
        }

        var list: [Node] { (value as? [Any] ?? []).map { Node(value: $0) } }
        var text: String? { value as? String }
        var number: Int? { value as? Int }
        var flag: Bool? { value as? Bool }
        var isThere: Bool { value != nil }
        var texts: [String] { list.compactMap(\.text) }

        /// The item of a list with this name.
        func named(_ name: String) -> Node { list.first { $0["name"].text == name } ?? Node(value: nil) }
    }

    private static func manifest() throws -> [Node] {
        let script = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))"
        let path = folder.appendingPathComponent("kubernetes.yaml").path
        let result = try run(URL(fileURLWithPath: "/usr/bin/python3"), ["-c", script, path])
        try #require(result.exitCode == 0, "\(result)")
        let documents = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [Any] ?? []
        return documents.map { Node(value: $0) }
    }

    private static func document(_ kind: String) throws -> Node {
        try #require(try manifest().first { $0["kind"].text == kind })
    }

    static func dockerfile() throws -> [String] {
        // A line that ends with a backslash goes on.
        try String(contentsOf: folder.appendingPathComponent("Dockerfile"), encoding: .utf8)
            .replacingOccurrences(of: "\\\n", with: " ").split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") }
    }

    @Test func bothSayThatTheyWereNotRun() throws {
        for file in ["Dockerfile", "kubernetes.yaml"] {
            let text = try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
            #expect(text.prefix(500).contains("Not run where this is tested"), "\(file)")
        }
    }

    @Test(.enabled(if: hasYAML, "there is no python3-yaml on this machine"))
    func theSidecarIsANativeOne() throws {
        let pod = try Self.document("StatefulSet")["spec"]["template"]["spec"]
        let sidecar = pod["initContainers"].named("mintmark")
        #expect(sidecar["restartPolicy"].text == "Always")
        #expect(!sidecar["lifecycle"].isThere)
        #expect(pod["terminationGracePeriodSeconds"].number == 90)
        let ports = sidecar["ports"].named("admin")
        #expect(ports["containerPort"].number == 7421)
        for (probe, path) in [("startupProbe", "/readyz"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")] {
            let request = sidecar[probe]["httpGet"]
            #expect(request["path"].text == path && request["port"].text == "admin", "\(probe)")
            #expect(request["httpHeaders"].named("Host")["value"].text == "localhost", "\(probe)")
        }
    }

    /// The Pod Security Standard `restricted`, and a file system that nobody writes.
    @Test(.enabled(if: hasYAML, "there is no python3-yaml on this machine"))
    func theSecurityContextIsRestricted() throws {
        let pod = try Self.document("StatefulSet")["spec"]["template"]["spec"]
        #expect(pod["securityContext"]["runAsNonRoot"].flag == true)
        #expect(pod["securityContext"]["seccompProfile"]["type"].text == "RuntimeDefault")
        let containers = pod["initContainers"].list + pod["containers"].list
        #expect(containers.count == 2)
        for container in containers {
            let context = container["securityContext"]
            #expect(context["allowPrivilegeEscalation"].flag == false)
            #expect(context["readOnlyRootFilesystem"].flag == true)
            #expect(context["capabilities"]["drop"].texts == ["ALL"])
            #expect(context["runAsUser"].number.map { $0 > 0 } == true)
        }
        for kind in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"] {
            #expect(!pod[kind].isThere)
        }
    }

    @Test(.enabled(if: hasYAML, "there is no python3-yaml on this machine"))
    func everyMountHasItsVolume() throws {
        let set = try Self.document("StatefulSet")["spec"]
        let pod = set["template"]["spec"]
        let volumes = pod["volumes"]
        let claims = set["volumeClaimTemplates"].list.compactMap { $0["metadata"]["name"].text }
        let names = Set(volumes.list.compactMap { $0["name"].text } + claims)
        for container in pod["initContainers"].list + pod["containers"].list {
            for mount in container["volumeMounts"].list {
                #expect(names.contains(mount["name"].text ?? ""), "\(mount)")
            }
        }
        #expect(volumes.named("socket")["emptyDir"]["medium"].text == "Memory")
        // YAML's 0440 is this.
        #expect(volumes.named("master-key")["secret"]["defaultMode"].number == 0o440)
        #expect(claims == ["data"])
        // What can write the socket's volume could put another socket there.
        let application = pod["containers"][0]["volumeMounts"].named("socket")
        #expect(application["readOnly"].flag == true)
        #expect(try Self.document("Service")["metadata"]["name"].text == set["serviceName"].text)
        #expect(
            pod["initContainers"][0]["securityContext"]["runAsGroup"].number == pod["securityContext"]["fsGroup"].number
        )
    }

    private static func sidecar() throws -> Node {
        try document("StatefulSet")["spec"]["template"]["spec"]["initContainers"].named("mintmark")
    }

    /// The directory that a kubelet makes of a ConfigMap or a Secret: files are links into one that is exchanged as a whole.
    private static func publish(_ text: Data, as name: String, in volume: String, version: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: "\(volume)/..\(version)", withIntermediateDirectories: true)
        let path = "\(volume)/..\(version)/\(name)"
        try text.write(to: URL(fileURLWithPath: path))
        try files.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
        try files.createSymbolicLink(atPath: "\(volume)/..next", withDestinationPath: "..\(version)")
        try #require(rename("\(volume)/..next", "\(volume)/..data") == 0)
        if !files.fileExists(atPath: "\(volume)/\(name)") {
            try files.createSymbolicLink(atPath: "\(volume)/\(name)", withDestinationPath: "..data/\(name)")
        }
    }

    /// A daemon starts from the manifest's configuration, with the volumes as a kubelet makes them and this process as the
    /// user of the service, or of the sidecar. What is changed in the ConfigMap arrives.
    @Test(
        .enabled(if: hasYAML, "there is no python3-yaml on this machine"),
        .enabled(if: knowsAdmin, "this tree has no admin listener yet"),
        arguments: ["1001", "10001"]
    )
    func theDaemonStartsFromItsConfiguration(user: String) throws {
        let place = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        for volume in ["run", "data"] {
            let path = "\(place)/\(volume)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            try FileManager.default.setAttributes([.posixPermissions: 0o2777], ofItemAtPath: path)
        }
        func here(_ text: String) -> String {
            let replacements = [
                ("/run/mintmark", "\(place)/run"), ("/var/lib/mintmark", "\(place)/data"),
                ("/etc/mintmark", place), ("0.0.0.0:7421", "127.0.0.1:0"), ("[\(user)]", "[\(getuid())]"),
                ("[1001]", "[4000001]"), ("[10001]", "[4000002]"),
            ]
            return replacements.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
        }
        let sidecar = try Self.sidecar()
        let text = here(try #require(try Self.document("ConfigMap")["data"]["mintmark.yaml"].text))
        let arguments = sidecar["args"].texts.map(here)
        let environment = Dictionary(
            uniqueKeysWithValues: sidecar["env"].list.map { ($0["name"].text ?? "", here($0["value"].text ?? "")) }
        )
        let configuration = "\(place)/configuration"
        try Self.publish(Data(text.utf8), as: "mintmark.yaml", in: configuration, version: "first")
        try Self.publish(Data(0..<32), as: "master.key", in: "\(place)/secret", version: "first")
        let daemon = try DaemonProcess(
            arguments: arguments + ["--data-dir", try #require(environment["MINTMARK_DATA_DIRECTORY"])],
            environment: environment,
            directory: place,
            addsListeners: false
        )
        func mintmark(_ words: String...) throws -> Int32 {
            try run(BuiltProducts.mintmark, words, environment: environment).exitCode
        }
        let isOperator = user == "10001"
        #expect(try mintmark("open", "--subject", "alice", "--audience", "orders") == 0)
        for words in [["revoke", "--subject", "alice"], ["keys", "prepare"]] {
            let result = try run(BuiltProducts.mintmark, words, environment: environment)
            #expect(result.exitCode == (isOperator ? 0 : 1), "\(result)")
        }

        #expect(try mintmark("open", "--subject", "alice", "--audience", "billing") == (isOperator ? 0 : 1))
        let changed = text.replacingOccurrences(of: "audiences: [orders]", with: "audiences: [billing]")
        #expect(changed != text)
        try Self.publish(Data(changed.utf8), as: "mintmark.yaml", in: configuration, version: "second")
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("[MintmarkServer] reloaded"))
        #expect(try mintmark("open", "--subject", "alice", "--audience", "billing") == 0)
        #expect(daemon.stop() == 0)
        let audit = try String(contentsOfFile: "\(place)/data/audit.jsonl", encoding: .utf8)
        #expect(audit.contains(#""event":"revoked""#) == isOperator)
    }

    /// What is told of the pod agrees with itself: paths with mounts, users with containers, variables with the image.
    @Test(.enabled(if: hasYAML, "there is no python3-yaml on this machine"))
    func theSidecarIsOfOnePiece() throws {
        let sidecar = try Self.sidecar()
        let mounts = sidecar["volumeMounts"].list
        #expect(mounts.allSatisfy { !$0["subPath"].isThere })
        let configuration = try #require(sidecar["volumeMounts"].named("configuration")["mountPath"].text)
        #expect(sidecar["args"].texts == ["--config", "\(configuration)/mintmark.yaml"])
        // The image's variables win over the file: each of them is set anew.
        let line = try #require(try Self.dockerfile().first { $0.hasPrefix("ENV ") })
        let ofTheImage = line.matches(of: /([A-Z_]+)=/).map { String($0.1) }
        #expect(Set(sidecar["env"].list.compactMap { $0["name"].text }) == Set(ofTheImage))
        let text = try #require(try Self.document("ConfigMap")["data"]["mintmark.yaml"].text)
        let user = try #require(sidecar["securityContext"]["runAsUser"].number)
        #expect(text.contains("operator:\n    identities: {user_ids: [\(user)]}\n    permissions: {admin: true}\n"))
        for path in text.matches(of: /: (\/[^\s]+)/).map({ String($0.1) }) {
            #expect(mounts.contains { path.hasPrefix("\($0["mountPath"].text ?? "?")/") }, "\(path)")
        }
        #expect(sidecar["resources"]["requests"]["cpu"].isThere)
        let memory = sidecar["resources"]["requests"]["memory"].text
        #expect(memory != nil && memory == sidecar["resources"]["limits"]["memory"].text)
    }

    /// What its comments tell people to type: the pod and the container are the manifest's, and the programs take it.
    @Test(.enabled(if: hasYAML, "there is no python3-yaml on this machine"))
    func theCommandsOfItsCommentsAreUnderstood() throws {
        let manifest = try String(contentsOf: Self.folder.appendingPathComponent("kubernetes.yaml"), encoding: .utf8)
        let set = try #require(try Self.document("StatefulSet")["metadata"]["name"].text)
        let commands = manifest.matches(of: /\n#   kubectl exec (\S+) --container (\S+) -- (\S+) (.+)/)
        #expect(commands.count == 4)
        for command in commands {
            #expect(command.1 == "\(set)-0" && command.2 == "mintmark")
            let words = command.4.split(separator: " ").map(String.init)
            switch command.3 {
            case "mintmark":
                let nowhere = ["MINTMARK_UNIX": "/nowhere/mintmark.sock"]
                #expect(try run(BuiltProducts.mintmark, words, environment: nowhere).exitCode == 3, "\(words)")
            case "mintmarkd":
                let path = "\(Self.folder.path)/mintmark.yaml"
                let arguments = words.map { $0.hasPrefix("/etc/mintmark/configuration/") ? path : $0 }
                #expect(arguments.contains(path))
                #expect(try run(BuiltProducts.mintmarkd, arguments).exitCode == 0, "\(words)")
            default:
                #expect(command.3 == "sh" && command.4 == "-c 'kill -HUP 1'")
            }
        }
    }

    /// Prometheus finds the sidecar by names that it has, under the job that the alerts ask for.
    @Test(.enabled(if: hasYAML, "there is no python3-yaml on this machine"))
    func prometheusFindsTheSidecar() throws {
        let rules = try String(contentsOf: Self.folder.appendingPathComponent("prometheus/rules.yaml"), encoding: .utf8)
        let sidecar = try Self.sidecar()
        let name = try #require(sidecar["name"].text)
        let port = try #require(sidecar["ports"][0]["name"].text)
        #expect(rules.contains("#           regex: \(name);\(port)\n"))
        #expect(rules.matches(of: /\n#     - job_name: mintmark\n/).count == 2)
        #expect(rules.contains("up{job=\"mintmark\"}"))
    }
}
