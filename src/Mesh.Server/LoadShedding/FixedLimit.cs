namespace Mesh.Server.LoadShedding;

/// <summary>Always the same.</summary>
internal sealed class FixedLimit(int value) : LimitAlgorithm
{
    public override double Next(double limit, in LatencySummary seen, TimeSpan now) => value;
}
