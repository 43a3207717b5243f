using CsCheck;
using Mesh.Client.Counting;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Counting;

public sealed class SlidingCountTests
{
    [Test]
    public void Sum_AnyTimes_IsWhatHappenedInTheLastTenSlices() => Gen.Int[0, 4000].List[0, 40].Sample(pauses =>
    {
        var time = new FakeTimeProvider();
        var count = new SlidingCount(TimeSpan.FromSeconds(10), time);
        List<long> slices = [];
        foreach (var pause in pauses)
        {
            time.Advance(TimeSpan.FromMilliseconds(pause));
            count.Increment(time.GetTimestamp());
            slices.Add(time.GetTimestamp() / time.TimestampFrequency);
            Assert.That(count.Sum(time.GetTimestamp()), Is.EqualTo(slices.Count(slice => slices[^1] - slice < 10)));
        }
    });

    [Test]
    public void Increment_FromManyThreads_LosesNothing()
    {
        var count = new SlidingCount(TimeSpan.FromHours(1), TimeProvider.System);
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                count.Increment(1);
            }
        });

        Assert.That(count.Sum(1), Is.EqualTo(80_000));
    }
}
