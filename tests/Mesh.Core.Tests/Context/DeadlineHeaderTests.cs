using CsCheck;

namespace Mesh.Core.Tests.Context;

public sealed class DeadlineHeaderTests
{
    [TestCase("1H", 36_000_000_000)]
    [TestCase("1M", 600_000_000)]
    [TestCase("1S", 10_000_000)]
    [TestCase("1500m", 15_000_000)]
    [TestCase("1u", 10)]
    [TestCase("100n", 1)]
    [TestCase("99n", 0)]
    [TestCase("0m", 0)]
    [TestCase("00000001S", 10_000_000)]
    [TestCase("99999999S", 999_999_990_000_000)]
    public void TryParse_Valid_IsExact(string text, long ticks)
    {
        Assert.That(DeadlineHeader.TryParse(text, out var remaining), Is.True);
        Assert.That(remaining.Ticks, Is.EqualTo(ticks));
    }

    [TestCase("")]
    [TestCase("1")]
    [TestCase("m")]
    [TestCase("-1m")]
    [TestCase("+1m")]
    [TestCase(" 1m")]
    [TestCase("1 m")]
    [TestCase("1m ")]
    [TestCase("1.5S")]
    [TestCase("1ms")]
    [TestCase("1s")]
    [TestCase("1h")]
    [TestCase("0x1m")]
    [TestCase("100000000m")]
    [TestCase("１m")]
    public void TryParse_Invalid_IsRefused(string text) => Assert.That(DeadlineHeader.TryParse(text, out _), Is.False);

    [TestCase(0, ExpectedResult = "0u")]
    [TestCase(9, ExpectedResult = "0u")]
    [TestCase(10, ExpectedResult = "1u")]
    [TestCase(9_999, ExpectedResult = "999u")]
    [TestCase(10_000, ExpectedResult = "1m")]
    [TestCase(19_999, ExpectedResult = "1m")]
    [TestCase(99_999_999L * 10_000, ExpectedResult = "99999999m")]
    [TestCase(100_000_000L * 10_000, ExpectedResult = "100000S")]
    [TestCase(100_000_000_000L * 10_000, ExpectedResult = "27777H")]
    [TestCase(long.MaxValue, ExpectedResult = "99999999H")]
    public string Format_Boundaries_RoundDown(long ticks) => DeadlineHeader.Format(TimeSpan.FromTicks(ticks));

    [Test]
    public void Format_Negative_Throws() => Assert.That(() => DeadlineHeader.Format(TimeSpan.FromTicks(-1)), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Format_ThenTryParse_NeverPromisesMoreAndLosesLessThanOneUnit() => Gen.OneOf(Gen.Long[0, 100_000], Gen.Long[0, 1_000_000_000_000], Gen.Long[0, long.MaxValue / 3]).Sample(static ticks =>
    {
        var text = DeadlineHeader.Format(TimeSpan.FromTicks(ticks));
        var unit = text[^1] switch { 'u' => 10L, 'm' => 10_000L, 'S' => 10_000_000L, _ => 36_000_000_000L };
        return text.Length <= 9 && DeadlineHeader.TryParse(text, out var parsed) && parsed.Ticks <= ticks && ticks - parsed.Ticks < unit;
    });

    [Test]
    public void TryParse_AnyText_NeverThrows() => Gen.String.Sample(static text => DeadlineHeader.TryParse(text, out _) || true);
}
