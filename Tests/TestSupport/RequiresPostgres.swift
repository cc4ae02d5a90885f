package import Testing

extension Trait where Self == ConditionTrait {
    /// Skips, with the reason, where no PostgreSQL is installed.
    package static var requiresPostgres: Self {
        .enabled(
            if: TemporaryPostgres.reasonForAbsence == nil,
            "\(TemporaryPostgres.reasonForAbsence ?? "PostgreSQL is installed")"
        )
    }
}
