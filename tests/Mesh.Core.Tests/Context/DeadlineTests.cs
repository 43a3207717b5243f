using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Context;

public sealed class DeadlineTests
{
    [Test]
    public void Default_IsNone()
    {
        var time = new FakeTimeProvider();
        Assert.Multiple(() =>
        {
            Assert.That(default(Deadline), Is.EqualTo(Deadline.None));
            Assert.That(Deadline.None.IsNone, Is.True);
            Assert.That(Deadline.None.HasPassed(time), Is.False);
            Assert.That(Deadline.None.Remaining(time), Is.EqualTo(Timeout.InfiniteTimeSpan));
            Assert.That(Deadline.After(Timeout.InfiniteTimeSpan, time).IsNone, Is.True);
            Assert.That(Deadline.After(TimeSpan.MaxValue, time).IsNone, Is.True.Or.False, "must not throw");
        });
    }

    [Test]
    public void Remaining_AsTimeGoesBy_EndsAtZero()
    {
        var time = new FakeTimeProvider();
        var deadline = Deadline.After(TimeSpan.FromSeconds(2), time);
        time.Advance(TimeSpan.FromMilliseconds(1500));
        Assert.That((deadline.Remaining(time), deadline.HasPassed(time)), Is.EqualTo((TimeSpan.FromMilliseconds(500), false)));
        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.That((deadline.Remaining(time), deadline.HasPassed(time)), Is.EqualTo((TimeSpan.Zero, true)));
        time.Advance(TimeSpan.FromDays(1));
        Assert.That((deadline.Remaining(time), deadline.HasPassed(time)), Is.EqualTo((TimeSpan.Zero, true)));
    }

    [Test]
    public void Remaining_AtAMomentTheCallerKnows_DoesNotAskTheClock()
    {
        var time = new FakeTimeProvider();
        var now = time.GetTimestamp();
        time.Advance(TimeSpan.FromDays(1));
        var later = time.GetTimestamp();

        var deadline = Deadline.After(TimeSpan.FromSeconds(2), now, time);

        Assert.That((deadline.Remaining(now, time), deadline.HasPassed(now)), Is.EqualTo((TimeSpan.FromSeconds(2), false)));
        Assert.That((deadline.Remaining(later, time), deadline.HasPassed(later)), Is.EqualTo((TimeSpan.Zero, true)));
        Assert.That((Deadline.None.Remaining(later, time), Deadline.None.HasPassed(later)), Is.EqualTo((Timeout.InfiniteTimeSpan, false)));
    }

    [TestCase(0)]
    [TestCase(-2)]
    [TestCase(-100000)]
    public void After_ZeroOrLess_HasPassed(int milliseconds)
    {
        var time = new FakeTimeProvider();
        var deadline = Deadline.After(TimeSpan.FromMilliseconds(milliseconds), time);
        Assert.That((deadline.IsNone, deadline.HasPassed(time)), Is.EqualTo((false, true)));
    }

    [Test]
    public void Comparison_NoneIsLast()
    {
        var time = new FakeTimeProvider();
        var soon = Deadline.After(TimeSpan.FromSeconds(1), time);
        var late = Deadline.After(TimeSpan.FromSeconds(2), time);
        Assert.Multiple(() =>
        {
            Assert.That(Deadline.Earliest(late, soon), Is.EqualTo(soon));
            Assert.That(Deadline.Earliest(Deadline.None, late), Is.EqualTo(late));
            Assert.That(Deadline.Earliest(late, Deadline.None), Is.EqualTo(late));
            Assert.That(soon < late && late > soon && soon <= late && late >= soon && late < Deadline.None, Is.True);
        });
    }

    [Test]
    public void Remaining_OfWhatWasGiven_IsThat() => Gen.Long[1, TimeSpan.FromDays(2).Ticks].Sample(static ticks =>
    {
        var time = new FakeTimeProvider();
        return Math.Abs((Deadline.After(TimeSpan.FromTicks(ticks), time).Remaining(time) - TimeSpan.FromTicks(ticks)).Ticks) <= 1;
    });
}
