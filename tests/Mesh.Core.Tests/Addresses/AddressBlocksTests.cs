using System.Net;
using CsCheck;
using Mesh.Addresses;
using Mesh.Configuration;

namespace Mesh.Core.Tests.Addresses;

internal sealed class AddressBlocksTests
{
    [TestCase("10.0.0.0/8", "10.255.255.255", true)]
    [TestCase("10.0.0.0/8", "11.0.0.0", false)]
    [TestCase("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [TestCase("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    [TestCase("10.1.2.3", "10.1.2.3", true)]
    [TestCase("10.1.2.3", "10.1.2.4", false)]
    [TestCase("0.0.0.0/0", "255.255.255.255", true)]
    [TestCase("0.0.0.0/0", "2001:db8::1", false)]
    [TestCase("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true)]
    [TestCase("::/0", "10.0.0.1", false)]
    [TestCase("2001:db8::/32", "2001:db8:ffff::1", true)]
    [TestCase("2001:db8::/32", "2001:db9::", false)]
    [TestCase("::1", "::1", true)]
    public void Contains_Address_IsInItsBlockOnly(string block, string address, bool expected) =>
        Assert.That(Compile(block).Contains(IPAddress.Parse(address)), Is.EqualTo(expected));

    [Test]
    public void Contains_NoAddress_IsInNoBlock() => Assert.That(Compile("0.0.0.0/0", "::/0").Contains(null), Is.False);

    [TestCase("10")]
    [TestCase("010.0.0.1")]
    [TestCase("10.0.0.1/8")]
    [TestCase("10.0.0.0/33")]
    [TestCase("10.0.0.0/-1")]
    [TestCase("10.0.0.0/ 8")]
    [TestCase("2001:db8::/129")]
    [TestCase("2001:db8::1/32")]
    [TestCase("fe80::1%2")]
    [TestCase("shop.example")]
    [TestCase("")]
    public void Compile_WhatIsNoBlock_IsRefusedWithItsPath(string text)
    {
        var errors = new ConfigurationErrors();
        AddressBlocks.Compile(["10.0.0.0/8", text], "Mesh:X:Deny", errors);
        Assert.That(errors.All, Has.One.StartsWith($"Mesh:X:Deny:1: found '{text}', allowed is "));
    }

    [Test]
    public void Compile_EmptyList_IsNone() => Assert.That(AddressBlocks.Compile([], "x", new ConfigurationErrors()), Is.Null);

    [Test]
    public void Contains_RandomBlocks_IsWhatTheFrameworkSaysOfEach()
    {
        var address = Gen.Int[0, 255].Array[4].Select(static octets => new IPAddress(Array.ConvertAll(octets, static octet => (byte)(octet & 0x83))));
        var block = Gen.Select(address, Gen.Int[0, 32], static (address, length) =>
        {
            var number = BitConverter.ToUInt32(address.GetAddressBytes().AsEnumerable().Reverse().ToArray());
            var masked = length == 0 ? 0 : number & (uint.MaxValue << (32 - length));
            return new IPNetwork(new IPAddress(BitConverter.GetBytes(masked).AsEnumerable().Reverse().ToArray()), length);
        });
        Gen.Select(block.Array[1, 12], address.Array[20]).Sample(static (blocks, addresses) =>
        {
            var set = Compile([.. blocks.Select(static block => block.ToString())]);
            return Array.TrueForAll(addresses, address => set.Contains(address) == blocks.Any(block => block.Contains(address)));
        });
    }

    private static AddressBlocks Compile(params string[] blocks)
    {
        var errors = new ConfigurationErrors();
        var set = AddressBlocks.Compile(blocks, "x", errors);
        Assert.That(errors.All, Is.Empty);
        return set!;
    }
}
