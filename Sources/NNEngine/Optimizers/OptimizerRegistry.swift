extension Optimizer: Registered {
  /// Class name and configuration.
  public var serialized: (className: String, configuration: Value.Table)? { (className, configuration) }

  /// All optimizers.
  public static let registry = Registry<Optimizer>(
    "optimizer",
    [
      entry(SGD.self, "sgd"), entry(RMSprop.self, "rmsprop"), entry(Adagrad.self, "adagrad"),
      entry(Adadelta.self, "adadelta"), entry(Adam.self, "adam"), entry(Adamax.self, "adamax"),
      entry(Nadam.self, "nadam"), entry(AdamW.self, "adamw"), entry(Ftrl.self, "ftrl"), entry(Lion.self, "lion"),
    ])

  private static func entry<D: OptimizerDefinition>(_ type: D.Type, _ alias: String) -> Registry<Optimizer>.Entry {
    .init(OptimizerConfiguration<D>.self, aliases: [alias]) { (configuration) throws(NNError) in
      try Optimizer(configuration)
    }
  }
}
