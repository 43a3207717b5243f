using Mesh.Outcomes;

namespace Mesh.Client.Ejection;

/// <summary>What an attempt says about its endpoint.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Origin">Where the failure came from, if it is one.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="IsProbe">Whether it was the probe of an ejected endpoint.</param>
/// <param name="Now">When it ended, as a timestamp.</param>
internal readonly record struct AttemptReport(CallOutcome Outcome, FailureOrigin Origin, TimeSpan Elapsed, bool IsProbe, long Now);
