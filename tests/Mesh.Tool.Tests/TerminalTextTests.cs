namespace Mesh.Tool.Tests;

public sealed class TerminalTextTests
{
    [TestCase("0.00:00:00", "0 s")]
    [TestCase("0.00:00:59", "59 s")]
    [TestCase("0.00:01:05", "1 min 5 s")]
    [TestCase("1.01:30:00", "25 h 30 min")]
    [TestCase("2.00:00:00", "2 d 0 h")]
    [TestCase("-400.05:00:00", "400 d 5 h")]
    public void Span_AnySpan_HasItsTwoGreatestUnits(string span, string expected) =>
        Assert.That(TerminalText.Span(TimeSpan.Parse(span, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(expected));

    [Test]
    public void Clean_EscapeSequence_CannotSteerTheTerminal() => Assert.That(TerminalText.Clean("CN=\u001b[2Jevil\n"), Is.EqualTo("CN=?[2Jevil?"));

    [Test]
    public void Clean_OrdinaryText_StaysTheSame() => Assert.That(TerminalText.Clean("CN=Käse"), Is.EqualTo("CN=Käse"));
}
