extension Router {
  /// Adds what every server offers besides its own services: health, and reflection unless that is off. Both are open to
  /// everybody, and health is answered however many handlers run. To be called when all other services are there.
  public mutating func registerStandardServices(reflection: Bool = true) throws(RouterError) -> Health {
    let own = services.map(\.name)
    let health = Health(services: own)
    try register(health, access: .public, execution: .vital)
    guard reflection else { return health }
    let service = Reflection(services: services + [Reflection.descriptor, ReflectionV1Alpha.descriptor])
    try register(service, access: .public)
    try register(ReflectionV1Alpha(reflection: service), access: .public)
    return health
  }
}
