using System.Text.Encodings.Web;
using Mesh.Configuration;
using Mesh.Gateway.Login;
using Mesh.Gateway.Routing;
using Mesh.Hosting;
using Mesh.Server.Authentication.Sessions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets users of browsers log in at a gateway.</summary>
public static class MeshLoginServiceCollectionExtensions
{
    // What a user waits for, and a browser too.
    private static readonly TimeSpan BackchannelTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Adds the login by OpenID Connect, with a session in an encrypted cookie, as the section <c>Mesh:Gateway:Login</c> says.
    /// Rules ask for it by their filter <c>Auth</c>. Calling it again is harmless.
    /// </summary>
    /// <example>
    /// <code>
    /// builder.AddMeshGateway().AddMeshLogin();
    /// </code>
    /// </example>
    public static IHostApplicationBuilder AddMeshLogin(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshLogin();
        return builder;
    }

    /// <inheritdoc cref="AddMeshLogin(IHostApplicationBuilder)"/>
    /// <param name="services">The services of the application.</param>
    public static IServiceCollection AddMeshLogin(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(static service => service.ServiceType == typeof(LoginSessions)))
        {
            return services;
        }

        services.AddMeshGateway();
        services.AddDataProtection();
        services.AddWebEncoders();
        services.AddHttpClient(LoginServices.ClientName)
            .ConfigureHttpClient(static client =>
            {
                client.MaxResponseContentBufferSize = LoginServices.MaxBytes;
                client.Timeout = BackchannelTimeout;
            })
            .ConfigurePrimaryHttpMessageHandler(static (handler, _) => Redirects.Forbid(handler));
        services.AddSingleton(static provider => new LoginProviders(new LoginServices(
            provider.GetRequiredService<IDataProtectionProvider>(),
            provider.GetRequiredService<IHttpClientFactory>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<HtmlEncoder>(),
            provider.GetRequiredService<UrlEncoder>(),
            provider.GetRequiredService<TimeProvider>())));
        services.AddSingleton(static provider => new LoginSessions(
            provider.GetRequiredService<Lazy<PolicySource<GatewayPolicy>>>(),
            provider.GetRequiredService<LoginProviders>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<LoginSessions>>()));
        services.AddSingleton<ICallerSessions>(static provider => provider.GetRequiredService<LoginSessions>());
        services.AddSingleton<LogoutEndpoint>();
        services.AddSingleton<TokenRefresher>();
        services.AddSingleton<SessionForwarding>();
        return services;
    }
}
