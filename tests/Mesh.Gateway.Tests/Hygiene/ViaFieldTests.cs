using Mesh.Gateway.Hygiene;
using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Tests.Hygiene;

public sealed class ViaFieldTests
{
    [TestCase("1.1 edge", true)]
    [TestCase("1.1 EDGE", true)]
    [TestCase("HTTP/2 edge", true)]
    [TestCase("1.0 a,1.1\tedge (with, a comma)", true)]
    [TestCase("1.0 a (b \\) , 1.1 edge", false)]
    [TestCase("1.0 a (b \\), c), 1.1 edge", true)]
    [TestCase("1.1 a (1.1 edge)", false)]
    [TestCase("1.1 a (x, 1.1 edge, y)", false)]
    [TestCase("1.1 a (x (y), 1.1 edge)", false)]
    [TestCase("1.1 edge.example", false)]
    [TestCase("1.1 edges", false)]
    [TestCase("1.1 edge(x)", true)]
    [TestCase("edge", false)]
    [TestCase("1.1 ", false)]
    [TestCase(",,, ,1.1 edge,", true)]
    [TestCase(")))), 1.1 edge", true)]
    [TestCase("", false)]
    public void Names_Field_FindsTheProxyAndNoComments(string field, bool expected) => Assert.That(ViaField.Names(field, "edge"), Is.EqualTo(expected));

    [Test]
    public void Names_SeveralLines_LooksAtAll() => Assert.That(ViaField.Names(new StringValues(["1.1 a", "1.1 edge"]), "edge"), Is.True);
}
