// A gateway that is all configuration: edit appsettings.json while it runs.
var builder = WebApplication.CreateBuilder(args);
builder.AddMeshGateway();

var app = builder.Build();
app.MapMeshUsage(); // GET /mesh/usage: who has used what; the authorization document "operator" says who may see it
app.MapMeshGateway();
app.Run();
