// mistnet on Azure: a Service Bus namespace with two queues, a storage account, one identity with
// the least rights that the roles need, and both roles on Container Apps. Receivers scale with the
// length of the queue, to none when there is nothing to store; an identity of its own reads it.
//
//   az deployment group create --resource-group mistnet --template-file deploy/azure/main.bicep \
//     --parameters image=… xBearerToken=… apiKey=…

@description('Where everything lies.')
param location string = resourceGroup().location

@description('Begins the name of everything; lower-case letters and digits.')
@minLength(3)
@maxLength(11)
param name string = 'mistnet'

@description('The image, for example myregistry.azurecr.io/mistnet:0.1.0.')
param image string

@description('The registry that the image comes from, if it is not public: its name in this resource group.')
param registryName string = ''

@description('The bearer token of the app in the developer console of X.')
@secure()
param xBearerToken string

@description('The key that callers of the HTTP service show, at least 32 characters.')
@secure()
@minLength(32)
param apiKey string

@description('The most receivers at a time.')
@minValue(1)
@maxValue(300)
param maxReceivers int = 10

var unique = uniqueString(resourceGroup().id, name)

// Roles that Azure defines (learn.microsoft.com, "Azure built-in roles", read 2026-11).
var busSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var busReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var busOwner = '090c5cfd-751d-490a-894a-3ce6f1109419'
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var registryPull = '7f951dda-4ed3-4680-a7ca-43fe172d538d'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
}

// Reads the length of a queue for scaling. No container can get its tokens.
resource scaler 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-scaler'
  location: location
}

// --- the queue -----------------------------------------------------------------------------------

resource bus 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: '${name}-${unique}'
  location: location
  sku: {
    name: 'Standard'
    tier: 'Standard'
  }
  properties: {
    minimumTlsVersion: '1.2'
    // Nobody has a key: the identity below is the only way in.
    disableLocalAuth: true
  }
}

// A lock outlasts `lease.seconds`, which is renewed at a third of its time. A collection that a
// crash interrupts is delivered again as often as needed: mistnet itself judges crash loops.
var queueProperties = {
  lockDuration: 'PT1M'
  maxDeliveryCount: 2000
  maxSizeInMegabytes: 1024
  deadLetteringOnMessageExpiration: true
  defaultMessageTimeToLive: 'P10675199DT2H48M5.4775807S'
  requiresDuplicateDetection: true
  duplicateDetectionHistoryTimeWindow: 'PT10M'
}

resource collectQueue 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: bus
  name: 'mistnet-collect'
  properties: queueProperties
}

resource storeQueue 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: bus
  name: 'mistnet-store'
  properties: queueProperties
}

// --- the store -----------------------------------------------------------------------------------

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: take('${name}${unique}', 24)
  location: location
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    // What somebody deletes by mistake comes back within two weeks.
    deleteRetentionPolicy: {
      enabled: true
      days: 14
    }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'mistnet'
}

// --- rights --------------------------------------------------------------------------------------

// Both roles send and receive: a part that has to wait is sent anew, a sweep sends again.
resource busRights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in [busSender, busReceiver]: {
  name: guid(bus.id, identity.id, role)
  scope: bus
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

// Scaling asks the management side of the queue for its length (KEDA 2.21, scaler azure-servicebus),
// which senders and receivers of data may not; the least role that surely may is the owner's, here of
// one queue. Without it no receiver would ever start, and X would be paid all the same.
resource scalerRights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storeQueue.id, scaler.id, busOwner)
  scope: storeQueue
  properties: {
    principalId: scaler.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', busOwner)
  }
}

resource blobRights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identity.id, blobContributor)
  scope: account
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = if (!empty(registryName)) {
  name: empty(registryName) ? 'none' : registryName
}

resource registryRights 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(registryName)) {
  name: guid(registry.id, identity.id, registryPull)
  scope: registry
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', registryPull)
  }
}

// --- the roles -----------------------------------------------------------------------------------

resource logs 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: name
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 30
  }
}

resource environment 'Microsoft.App/managedEnvironments@2026-01-01' = {
  name: name
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
  }
}

var busHost = '${bus.name}.servicebus.windows.net'
var registries = empty(registryName) ? [] : [
  {
    server: '${registryName}.azurecr.io'
    identity: identity.id
  }
]
var shared = [
  {
    name: 'MISTNET_QUEUE'
    value: 'servicebus://${busHost}'
  }
  {
    name: 'MISTNET_STORE'
    value: 'az://${container.name}'
  }
  {
    name: 'AZURE_STORAGE_ACCOUNT'
    value: account.name
  }
  {
    name: 'AZURE_CLIENT_ID'
    value: identity.properties.clientId
  }
  {
    name: 'MISTNET_LOG_FORMAT'
    value: 'json'
  }
]

resource sender 'Microsoft.App/containerApps@2026-01-01' = {
  name: '${name}-sender'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    managedEnvironmentId: environment.id
    configuration: {
      registries: registries
      ingress: {
        external: true
        targetPort: 8889
        transport: 'http'
        allowInsecure: false
      }
      secrets: [
        {
          name: 'x-bearer-token'
          value: xBearerToken
        }
        {
          name: 'api-key'
          value: apiKey
        }
      ]
    }
    template: {
      // Has to outlast the 25 seconds in which a role finishes or hands back its work.
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'sender'
          image: image
          command: ['/mistnet', 'sender', '--listen', '0.0.0.0:8889']
          resources: {
            cpu: json('0.25')
            memory: '0.5Gi'
          }
          env: concat(shared, [
            {
              name: 'X_BEARER_TOKEN'
              secretRef: 'x-bearer-token'
            }
            {
              name: 'MISTNET_API_KEY'
              secretRef: 'api-key'
            }
          ])
          probes: [
            {
              type: 'Liveness'
              httpGet: {
                path: '/healthz'
                port: 8889
              }
              periodSeconds: 30
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/readyz'
                port: 8889
              }
              periodSeconds: 30
              timeoutSeconds: 10
            }
          ]
        }
      ]
      // One token has one pace at X: a second sender would fetch nothing more.
      scale: {
        minReplicas: 1
        maxReplicas: 1
      }
    }
  }
  dependsOn: [busRights, blobRights, registryRights]
}

resource receiver 'Microsoft.App/containerApps@2026-01-01' = {
  name: '${name}-receiver'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
      '${scaler.id}': {}
    }
  }
  properties: {
    managedEnvironmentId: environment.id
    configuration: {
      registries: registries
      identitySettings: [
        {
          identity: scaler.id
          lifecycle: 'None'
        }
      ]
    }
    template: {
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'receiver'
          image: image
          command: ['/mistnet', 'receiver']
          resources: {
            cpu: json('0.25')
            memory: '0.5Gi'
          }
          env: shared
        }
      ]
      scale: {
        minReplicas: 0
        maxReplicas: maxReceivers
        rules: [
          {
            name: 'parts'
            custom: {
              type: 'azure-servicebus'
              identity: scaler.id
              metadata: {
                queueName: storeQueue.name
                namespace: bus.name
                messageCount: '5'
              }
            }
          }
        ]
      }
    }
  }
  dependsOn: [busRights, blobRights, registryRights, scalerRights]
}

@description('The HTTP service; /docs is its Swagger UI.')
output url string = 'https://${sender.properties.configuration.ingress.fqdn}'

@description('The account with the datasets.')
output storageAccount string = account.name
