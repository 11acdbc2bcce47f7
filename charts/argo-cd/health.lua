-- Whether a PaymentSystem is well, for Argo CD: resource.customizations.health.satang.dev_PaymentSystem
local health = { status = "Progressing", message = "The operator has not looked at it yet" }

if obj.spec ~= nil and obj.spec.paused then
  return { status = "Suspended", message = "Paused: the operator changes nothing" }
end
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return health
end
for _, condition in ipairs(obj.status.conditions or {}) do
  if condition.type == "Ready" then
    health.message = condition.message
    if condition.status == "True" then
      health.status = "Healthy"
    elseif condition.status == "False" then
      health.status = "Degraded"
    end
  end
end
return health
