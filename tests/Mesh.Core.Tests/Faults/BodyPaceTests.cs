using CsCheck;
using Mesh.Faults;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Faults;

public sealed class BodyPaceTests
{
    [Test]
    public async Task WaitAsync_AfterAPart_WaitsForAsLongAsThePartTakes()
    {
        var time = new FakeTimeProvider();
        var pace = new BodyPace(1000, time);
        Assert.That(pace.WaitAsync(CancellationToken.None).IsCompleted, Is.True);
        pace.Count(pace.MaxPart);

        var wait = pace.WaitAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.That(wait.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await wait;
    }

    [Test]
    public void WaitAsync_AfterAPause_HasSavedNothingUp()
    {
        var time = new FakeTimeProvider();
        var pace = new BodyPace(1000, time);
        time.Advance(TimeSpan.FromHours(1));
        pace.Count(100);

        Assert.That(pace.WaitAsync(CancellationToken.None).IsCompleted, Is.False);
    }

    [Test]
    public void MaxPart_AnyRate_IsATenthOfASecondAndAtLeastAByte() =>
        Gen.Int[1, int.MaxValue].Sample(static rate => new BodyPace(rate, TimeProvider.System).MaxPart == Math.Max(1, rate / 10));
}
