using Mesh.Client.Tests.Fixtures;
using Mesh.Client.Tokens;

namespace Mesh.Client.Tests.Tokens;

public sealed class CallerSlotsTests
{
    private int _made;

    [Test]
    public void Get_SameCaller_IsTheSameSlot()
    {
        var slots = Slots(100);

        Assert.That(slots.Get(new CallerToken("alice")), Is.SameAs(slots.Get(new CallerToken("Bearer alice".AsMemory(7)))));
        Assert.That(slots.Get(new CallerToken("bob")), Is.Not.SameAs(slots.Get(new CallerToken("alice"))));
    }

    [Test]
    public void Get_ManyCallers_RemembersABoundedNumberAndWhoStillCalls()
    {
        var slots = Slots(100);
        var regular = slots.Get(new CallerToken("regular"));
        for (var i = 0; i < 10_000; i++)
        {
            slots.Get(new CallerToken($"caller-{i}"));
            if (i % 20 == 0)
            {
                Assert.That(slots.Get(new CallerToken("regular")), Is.SameAs(regular));
            }
        }

        Assert.That(slots.Count, Is.LessThanOrEqualTo(101));
        Assert.That(_made, Is.EqualTo(10_001));
    }

    [Test]
    public void Get_LongToken_IsToldApartByItsLastCharacter()
    {
        var slots = Slots(100);
        var text = new string('a', 20_000);

        Assert.That(slots.Get(new CallerToken($"{text}x")), Is.Not.SameAs(slots.Get(new CallerToken($"{text}y"))));
    }

    private CallerSlots Slots(int capacity) => new(
        () =>
        {
            _made++;
            return new TokenSlot(null!, new FetchBackoff(TimeProvider.System, new Random(1)));
        },
        capacity);
}
