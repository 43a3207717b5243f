using Mesh.Configuration;
using Mesh.Gateway.Login;

namespace Mesh.Gateway.Tests.Login;

/// <summary>What is wrong with a login is said before anybody logs in.</summary>
public sealed class LoginValidationTests
{
    private static readonly LoginOptions Valid = new() { Authority = "https://login.example", ClientId = "edge" };

    [Test]
    public void Compile_LoginWasNotAdded_SaysWhatToCall() => Assert.That(ErrorsOf(Valid, isAdded: false), Is.EqualTo(new[] { "Login: nobody can log in: call AddMeshLogin() on the builder." }));

    [Test]
    public void Compile_NothingIsSet_NamesWhatIsRequired() =>
        Assert.That(ErrorsOf(null), Has.Some.StartsWith("Login:Authority: found ''").And.Some.StartsWith("Login:ClientId: found ''").And.Exactly(2).Items);

    [TestCase("http://login.example")]
    [TestCase("https://login.example/?a=b")]
    [TestCase("https://a:b@login.example")]
    [TestCase("login.example")]
    public void Compile_AuthorityThatIsNotSafe_IsRefused(string authority) =>
        Assert.That(ErrorsOf(new LoginOptions { Authority = authority, ClientId = "edge" }), Has.One.StartsWith($"Login:Authority: found '{authority}'"));

    [Test]
    public void Compile_EverythingIsWrong_SaysSo()
    {
        var errors = ErrorsOf(new LoginOptions
        {
            Authority = "https://login.example",
            ClientId = "edge",
            ClientSecret = "a",
            ClientSecretFile = "/b",
            Scopes = ["a b"],
            LoginPath = "login",
            CallbackPath = "//evil",
            LogoutPath = "/out?a",
            AfterLogout = "https://evil.example",
            PublicOrigin = "https://shop.example/path",
            CookieName = "session",
            SessionLifetime = TimeSpan.FromDays(31),
            IdleTimeout = TimeSpan.FromSeconds(1),
            TrustedOrigins = ["app.example"],
            KeysDirectory = " ",
        });

        foreach (var field in new[]
        {
            "Scopes", "Scopes:0", "LoginPath", "CallbackPath", "LogoutPath", "AfterLogout", "PublicOrigin", "CookieName", "SessionLifetime", "IdleTimeout", "TrustedOrigins:0", "KeysDirectory", "ClientSecretFile",
        })
        {
            Assert.That(errors, Has.One.StartsWith($"Login:{field}: "), field);
        }
    }

    [Test]
    public void Compile_PathsAreTheSame_IsRefused() =>
        Assert.That(ErrorsOf(new LoginOptions { Authority = "https://login.example", ClientId = "edge", LogoutPath = "/mesh/login" }), Has.One.Contain("must differ"));

    [Test]
    public void Compile_SecretFile_IsReadWithoutItsLineEnd()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "secret\n");
            var errors = new ConfigurationErrors();
            var policy = LoginValidation.Compile(new LoginOptions { Authority = "https://login.example", ClientId = "edge", ClientSecretFile = file }, isAdded: true, "Login", errors);
            Assert.That(policy!.ClientSecret, Is.EqualTo("secret"));

            File.WriteAllText(file, "");
            Assert.That(ErrorsOf(new LoginOptions { Authority = "https://login.example", ClientId = "edge", ClientSecretFile = file }), Has.One.StartsWith("Login:ClientSecretFile: "));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> ErrorsOf(LoginOptions? options, bool isAdded = true)
    {
        var errors = new ConfigurationErrors();
        Assert.That(LoginValidation.Compile(options, isAdded, "Login", errors), Is.Null);
        return errors.All;
    }
}
