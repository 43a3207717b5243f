using Mesh.Configuration;
using Microsoft.Extensions.Configuration;

namespace Mesh.Core.Tests.Configuration;

internal sealed class ConfigurationTimeTests
{
    [TestCase("2027-01-31T09:00:00Z", ExpectedResult = "2027-01-31T09:00:00.0000000+00:00")]
    [TestCase("2027-01-31T09:00:00+02:00", ExpectedResult = "2027-01-31T09:00:00.0000000+02:00")]
    [TestCase("2027-01-31T09:00:00.25Z", ExpectedResult = "2027-01-31T09:00:00.2500000+00:00")]
    [TestCase("2027-01-31T09:00:00", ExpectedResult = "2027-01-31T09:00:00.0000000+00:00")]
    [TestCase("2027-01-31", ExpectedResult = "2027-01-31T00:00:00.0000000+00:00")]
    [TestCase("", ExpectedResult = "none")]
    [TestCase("31.01.2027", ExpectedResult = "M:At: found '31.01.2027', allowed is a time such as '2027-01-31T09:00:00Z'.")]
    [TestCase("2027-02-30", ExpectedResult = "M:At: found '2027-02-30', allowed is a time such as '2027-01-31T09:00:00Z'.")]
    [TestCase("tomorrow", ExpectedResult = "M:At: found 'tomorrow', allowed is a time such as '2027-01-31T09:00:00Z'.")]
    public string Time_OfAText_IsReadOrRefused(string text)
    {
        var errors = new ConfigurationErrors();
        var found = new List<DateTimeOffset?>();
        var section = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("M:At", text)]).Build().GetSection("M");

        ConfigurationReader.Read(section, errors, found, static (reader, found) => found.Add(reader.Time("At")));

        return errors.All.FirstOrDefault() ?? found[0]?.ToString("O") ?? "none";
    }
}
