using Mesh.Routing;
using static Mesh.Core.Tests.Routing.Routes;

namespace Mesh.Core.Tests.Routing;

public sealed class PatternMatchTests
{
    private const string Path = "Mesh:Gateway:Routes:r:Rules:0:Matches:0";

    [TestCase("/orders/1", ExpectedResult = "digits")]
    [TestCase("/orders/12/", ExpectedResult = "prefix")]
    [TestCase("/orders/x", ExpectedResult = "prefix")]
    [TestCase("/v1/orders/1", ExpectedResult = "root")]
    [TestCase("/orders/7", ExpectedResult = "exact")]
    [TestCase("/a", ExpectedResult = "short")]
    [TestCase("/ab", ExpectedResult = "long")]
    public string? Match_PathPattern_WholePathBetweenExactAndPrefix(string path)
    {
        var table = Compile(("r", Route(
            [],
            Rule("root", Prefix("/")),
            Rule("prefix", Prefix("/orders")),
            Rule("short", Pattern("/a.?")),
            Rule("long", Pattern("/a|/ab").WithMethod("POST"), Pattern("/a[b-z]")),
            Rule("digits", Pattern("/orders/[0-9]+")),
            Rule("exact", Exact("/orders/7")))));
        return Match(table, new TestRequest("h", path));
    }

    [Test]
    public void Match_PathPatternsOfOneLength_MethodThenHeadersThenOrder()
    {
        var table = Compile(("r", Route(
            [],
            Rule("first", Pattern("/a.")),
            Rule("second", Pattern("/.b")),
            Rule("header", Pattern("/a.").WithHeader("x", "1")),
            Rule("method", Pattern("/.b").WithMethod("PUT")))));
        Assert.Multiple(() =>
        {
            Assert.That(Match(table, new TestRequest("h", "/ab")), Is.EqualTo("first"));
            Assert.That(Match(table, new TestRequest("h", "/ab", headers: [("x", "1")])), Is.EqualTo("header"));
            Assert.That(Match(table, new TestRequest("h", "/ab", method: "PUT", headers: [("x", "1")])), Is.EqualTo("method"));
            Assert.That(Match(table, new TestRequest("h", "/bb")), Is.EqualTo("second"));
            Assert.That(Match(table, new TestRequest("h", "*")), Is.Null);
        });
    }

    [TestCase(ValueMatchType.RegularExpression, "v[0-9]", "v1", ExpectedResult = true)]
    [TestCase(ValueMatchType.RegularExpression, "v[0-9]", "v10", ExpectedResult = false)]
    [TestCase(ValueMatchType.RegularExpression, "a|b", "ab", ExpectedResult = false)]
    [TestCase(ValueMatchType.RegularExpression, ".*", null, ExpectedResult = false)]
    [TestCase(ValueMatchType.Present, "", "", ExpectedResult = true)]
    [TestCase(ValueMatchType.Present, "", null, ExpectedResult = false)]
    [TestCase(ValueMatchType.Absent, "", "", ExpectedResult = false)]
    [TestCase(ValueMatchType.Absent, "", null, ExpectedResult = true)]
    public bool Match_HeaderTypes_AskForWhatTheySay(ValueMatchType type, string value, string? sent)
    {
        var table = Compile(("r", Route([], Rule("r", Prefix("/").WithHeader("x-v", value, type)))));
        return Match(table, new TestRequest("h", "/", headers: sent is null ? [] : [("X-V", sent)])) is not null;
    }

    [TestCase(ValueMatchType.RegularExpression, "v[0-9]", "q=v1", ExpectedResult = true)]
    [TestCase(ValueMatchType.RegularExpression, "a b.", "q=a+b%C3%A9", ExpectedResult = true)]
    [TestCase(ValueMatchType.RegularExpression, "😀+", "q=%F0%9F%98%80😀", ExpectedResult = false)]
    [TestCase(ValueMatchType.RegularExpression, "(😀)+", "q=%F0%9F%98%80😀", ExpectedResult = true)]
    [TestCase(ValueMatchType.RegularExpression, "v[0-9]", "q=x&q=v1", ExpectedResult = false)]
    [TestCase(ValueMatchType.RegularExpression, "x*", "q", ExpectedResult = true)]
    [TestCase(ValueMatchType.Present, "", "q", ExpectedResult = true)]
    [TestCase(ValueMatchType.Present, "", "Q=1", ExpectedResult = false)]
    [TestCase(ValueMatchType.Absent, "", "%71=1", ExpectedResult = false)]
    [TestCase(ValueMatchType.Absent, "", "", ExpectedResult = true)]
    public bool Match_QueryTypes_AskForWhatTheySay(ValueMatchType type, string value, string query)
    {
        var table = Compile(("r", Route([], Rule("r", Prefix("/").WithQuery("q", value, type)))));
        return Match(table, new TestRequest("h", "/", query)) is not null;
    }

    [Test]
    public void Match_QueryPatternOfALongValue_DecodesAllOfIt()
    {
        var table = Compile(("r", Route([], Rule("r", Prefix("/").WithQuery("q", "(é| )*", ValueMatchType.RegularExpression)))));
        var value = string.Concat(Enumerable.Repeat("%C3%A9+é", 5_000));
        Assert.That(Match(table, new TestRequest("h", "/", $"q={value}")), Is.EqualTo("r"));
        Assert.That(Match(table, new TestRequest("h", "/", $"q={value}x")), Is.Null);
    }

    [Test]
    public void Match_PatternThatWouldBacktrack_TakesLinearTime()
    {
        var table = Compile(("r", Route([], Rule("r", Pattern("/(a+)+b")))));
        var started = TimeProvider.System.GetTimestamp();
        Assert.That(Match(table, new TestRequest("h", "/" + new string('a', 8_000))), Is.Null);

        // With backtracking this ends after the universe.
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void Match_Patterns_AllocateNothing()
    {
        var table = Compile(("r", Route(
            [],
            Rule("r", Pattern("/orders/[0-9]+").WithHeader("x", "v[12]", ValueMatchType.RegularExpression).WithQuery("q", "a b?", ValueMatchType.RegularExpression)))));
        var request = new TestRequest("h", "/orders/12", "q=a+b", "GET", ("X", "v1"));
        var matched = Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        matched += Run();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(matched, Is.EqualTo(200));

        int Run()
        {
            var count = 0;
            for (var i = 0; i < 100; i++)
            {
                count += table.Match(request).Rule is null ? 0 : 1;
            }

            return count;
        }
    }

    [TestCase("")]
    [TestCase("(")]
    [TestCase("/a)|(?:/b")]
    [TestCase("(?=/a).*")]
    [TestCase(@"(a)\1")]
    [TestCase("(x{500}){500}")]
    public void Compile_BadPattern_IsNamed(string pattern)
    {
        var match = Pattern(pattern).WithHeader("x", pattern, ValueMatchType.RegularExpression).WithQuery("q", pattern, ValueMatchType.RegularExpression);
        Assert.That(ErrorsOf(Rule("r", match)), Has.Exactly(3).Contains($"'{pattern}'")
            .And.Exactly(1).StartsWith($"{Path}:Path:Value: ")
            .And.Exactly(1).StartsWith($"{Path}:Headers:0:Value: ")
            .And.Exactly(1).StartsWith($"{Path}:QueryParams:0:Value: "));
    }

    [Test]
    public void Compile_PatternBeyondTheBound_IsNamedAndCut()
    {
        Assert.That(ErrorsOf(Rule("r", Pattern(new string('a', 1025)))), Is.EqualTo(
            [$"{Path}:Path:Value: found '{new string('a', 32)}…', allowed is a regular expression of 1 to 1024 characters."]));
        Assert.That(ErrorsOf(Rule("r", Pattern(new string('a', 1024)))), Is.Empty);
    }

    [TestCase(ValueMatchType.Present)]
    [TestCase(ValueMatchType.Absent)]
    public void Compile_ValueWherePresenceCounts_IsNamed(ValueMatchType type) =>
        Assert.That(ErrorsOf(Rule("r", Prefix("/").WithHeader("x", "1", type).WithQuery("q", "1", type))), Is.EqualTo(new[]
        {
            $"{Path}:Headers:0:Value: there is no place for it in a match of type {type}.",
            $"{Path}:QueryParams:0:Value: there is no place for it in a match of type {type}.",
        }));

    private static string? Match(RouteTable table, TestRequest request) => table.Match(request).Rule?.Name;
}
