import Logging

/// Writes what is logged, as the settings of the moment say: every logger of the process goes by one `LogControl`. A logger
/// can say less than the settings let through, never more.
struct ServerLogHandler: LogHandler {
    let label: String
    let control: LogControl
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    /// What this logger was told.
    private var ownLevel = Logger.Level.trace

    init(label: String, control: LogControl) {
        self.label = label
        self.control = control
    }

    /// That of the settings, which a reload changes for every copy, or the logger's own where that lets less through.
    var logLevel: Logger.Level {
        get { max(ownLevel, control.level) }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        let line = LogLine(
            level: event.level,
            label: label,
            source: event.source,
            message: event.message.description,
            metadata: all,
            wallMilliseconds: ServerClock.wallMilliseconds
        )
        control.write(line)
    }
}
