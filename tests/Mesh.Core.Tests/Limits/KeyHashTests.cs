using Mesh.Limits;

namespace Mesh.Core.Tests.Limits;

public sealed class KeyHashTests
{
    // vectors_sip64 of the reference implementation: key 00 01 … 0f, message 00 01 … of each length.
    [TestCase(0, "310E0EDD47DB6F72")]
    [TestCase(1, "FD67DC93C539F874")]
    [TestCase(7, "37D1018BF50002AB")]
    [TestCase(8, "6224939A79F5F593")]
    [TestCase(15, "E545BE4961CA29A1")]
    [TestCase(16, "DB9BC2577FCC2A3F")]
    public void Of_ReferenceVector_IsItsValue(int length, string expected)
    {
        var message = Enumerable.Range(0, length).Select(static octet => (byte)octet).ToArray();
        var hash = KeyHash.Of(message, 0x0706050403020100, 0x0f0e0d0c0b0a0908);
        Assert.That(Convert.ToHexString(BitConverter.GetBytes(hash)), Is.EqualTo(expected));
    }

    [Test]
    public void Of_Text_DistinguishesCaseAndLength()
    {
        Assert.That(new[] { "", "a", "A", "aa", "a\0", "b" }.Select(static text => KeyHash.Of(text)).Distinct().Count(), Is.EqualTo(6));
    }
}
