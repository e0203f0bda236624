import MintmarkServer

/// The directory that every configuration of these tests gets from `$STATE_DIRECTORY`.
let stateDirectory = "/var/lib/mintmark"

/// Loads a configuration from a text that plays the file `m.yaml`, and from variables and flags.
func load(
    _ yaml: String? = nil,
    environment: [String: String] = [:],
    arguments: ConfigurationArguments = ConfigurationArguments(),
    running: Configuration? = nil
) throws(ConfigurationErrors) -> Configuration {
    try load(bytes: yaml.map { Array($0.utf8) }, environment: environment, arguments: arguments, running: running)
}

/// The same for a file that need not be text.
func load(
    bytes: [UInt8]?,
    environment: [String: String] = [:],
    arguments: ConfigurationArguments = ConfigurationArguments(),
    running: Configuration? = nil
) throws(ConfigurationErrors) -> Configuration {
    var environment = environment
    environment["STATE_DIRECTORY"] = environment["STATE_DIRECTORY"] ?? stateDirectory
    if bytes != nil { environment["MINTMARK_CONFIG"] = "m.yaml" }
    return try Configuration.load(
        arguments: arguments,
        environment: environment,
        readFile: { path throws(ConfigurationFileError) in
            guard let bytes, path == "m.yaml" else { throw ConfigurationFileError(reason: "No such file or directory") }
            return bytes
        },
        processors: 4,
        running: running
    )
}

/// The lines of the error report; empty where the configuration is accepted.
func faults(
    _ yaml: String? = nil,
    environment: [String: String] = [:],
    arguments: ConfigurationArguments = ConfigurationArguments(),
    running: Configuration? = nil
) -> [String] {
    do {
        _ = try load(yaml, environment: environment, arguments: arguments, running: running)
        return []
    } catch {
        return error.description.split(separator: "\n").map(String.init)
    }
}

/// What is told of a client without identities, behind that it has none.
func noIdentities(_ id: String) -> String {
    "(clients.\(id).identities has user_ids, certificates and public_keys)"
}
