// Fields of a fixture are then as fresh as its tests expect them to be.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
