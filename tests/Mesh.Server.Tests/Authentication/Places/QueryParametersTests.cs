using Mesh.Server.Authentication;
using Mesh.Server.Authentication.Places;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Tests.Authentication.Places;

internal sealed class QueryParametersTests
{
    [TestCase("", ExpectedResult = "")]
    [TestCase("?", ExpectedResult = "?")]
    [TestCase("?access_token=x", ExpectedResult = "")]
    [TestCase("?a=1&access_token=x&b=%2F+", ExpectedResult = "?a=1&b=%2F+")]
    [TestCase("?access%5Ftoken=x&%61ccess_token=y&a", ExpectedResult = "?a")]
    [TestCase("?ACCESS_TOKEN=x&a=access_token", ExpectedResult = "?a=access_token")]
    [TestCase("?access_token&access_tokens=1&&x", ExpectedResult = "?access_tokens=1&&x")]
    public string Without_AParameter_LeavesTheOthersAsTheyWere(string query) => QueryParameters.Without(new QueryString(query), "access_token").Value ?? "";
}
