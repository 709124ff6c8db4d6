import Testing

@testable import NNEngine

@Suite("Allocation in optimizers' steps", .serialized)
struct OptimizerAllocationTests {
  @Test("every rule, and every schedule", .countsAllocations)
  func steps() throws {
    var optimizers = try OptimizerReferences.all.map { try $0.optimizer() }
    for schedule in try Fixtures.cases(.schedules) {
      let name = String(try schedule.string("name").prefix { $0 != "_" })
      let optimizer = try Make.optimizer("nadam", #"{"use_ema": true, "ema_overwrite_frequency": 3, "clipnorm": 1}"#)
      optimizer.setSchedule(try Schedule.registry.entry(name).make(Make.arguments(schedule.table("params"))))
      optimizers.append(optimizer)
    }
    for optimizer in optimizers {
      let run = try OptimizerRun(optimizer, [Float](repeating: 1, count: 100))
      try run.step([Float](repeating: 0.5, count: 100))
      let made = try AllocationCounter.count { for _ in 0..<10 { try run.repeatStep() } }
      #expect(made == 0, "\(JSON.text(optimizer.encoded))")
    }
  }
}
