namespace Mesh.Spiffe.Tests.WorkloadApi;

public sealed class ReconnectDelayTests
{
    [Test]
    public void Next_AgainAndAgain_DoublesUpToHalfAMinuteWithFullJitter()
    {
        // The least and the most that chance can give.
        var (least, most) = (new ReconnectDelay(new Fixed(0)), new ReconnectDelay(new Fixed(1)));
        double[] bounds = [1, 2, 4, 8, 16, 30, 30];
        foreach (var bound in bounds)
        {
            Assert.That((least.Next().TotalSeconds, most.Next().TotalSeconds), Is.EqualTo((0.1, bound)));
        }

        most.Reset();
        Assert.That(most.Next(), Is.EqualTo(TimeSpan.FromSeconds(1)));
    }

    private sealed class Fixed(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
